/**
 * The setting that names the compute backends, and what it opens. The backends themselves are the services' affair: the kit
 * does not see the engine.
 */
@NullMarked
package dev.quipforge.kit.compute;

import org.jspecify.annotations.NullMarked;
