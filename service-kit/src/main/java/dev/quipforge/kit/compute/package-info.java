/** The setting that names the compute backend. The backend itself is the services' affair: the kit does not see the engine. */
@NullMarked
package dev.quipforge.kit.compute;

import org.jspecify.annotations.NullMarked;
