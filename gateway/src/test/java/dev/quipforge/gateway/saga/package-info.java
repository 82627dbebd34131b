@NullMarked
package dev.quipforge.gateway.saga;

import org.jspecify.annotations.NullMarked;
