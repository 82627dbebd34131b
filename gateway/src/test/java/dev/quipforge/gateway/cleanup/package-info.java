@NullMarked
package dev.quipforge.gateway.cleanup;

import org.jspecify.annotations.NullMarked;
