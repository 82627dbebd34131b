/** The whole platform in one JVM: what it stands on, what runs in it, and in which order it starts and stops. */
@NullMarked
package dev.quipforge.standalone;

import org.jspecify.annotations.NullMarked;
