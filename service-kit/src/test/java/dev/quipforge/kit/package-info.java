/** What the tests of the kit and of the services share. */
@NullMarked
package dev.quipforge.kit;

import org.jspecify.annotations.NullMarked;
