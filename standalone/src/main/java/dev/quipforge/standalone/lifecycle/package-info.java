/** In which order what has been started is stopped. */
@NullMarked
package dev.quipforge.standalone.lifecycle;

import org.jspecify.annotations.NullMarked;
