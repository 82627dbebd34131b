/** The wire form of every message, held by golden files. */
@NullMarked
package dev.quipforge.kit.json;

import org.jspecify.annotations.NullMarked;
