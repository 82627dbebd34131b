/** Where results live: an object store whose entries are written once, and a local cache of it. */
@NullMarked
package dev.quipforge.kit.artifact;

import org.jspecify.annotations.NullMarked;
