/** The PostgreSQL server of the standalone: its binaries, its data directory and its process. */
@NullMarked
package dev.quipforge.standalone.postgres;

import org.jspecify.annotations.NullMarked;
