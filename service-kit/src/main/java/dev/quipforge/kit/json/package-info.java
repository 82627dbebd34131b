/** How the messages of {@code contracts} look on the wire. */
@NullMarked
package dev.quipforge.kit.json;

import org.jspecify.annotations.NullMarked;
