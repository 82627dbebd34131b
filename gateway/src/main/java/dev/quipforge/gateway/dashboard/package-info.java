/** The web page. */
@NullMarked
package dev.quipforge.gateway.dashboard;

import org.jspecify.annotations.NullMarked;
