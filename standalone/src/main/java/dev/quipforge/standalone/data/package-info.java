/** The data directory of the standalone: who holds it, its credentials, what it says about the running process. */
@NullMarked
package dev.quipforge.standalone.data;

import org.jspecify.annotations.NullMarked;
