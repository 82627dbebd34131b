@NullMarked
package dev.quipforge.gateway.route;

import org.jspecify.annotations.NullMarked;
