@NullMarked
package dev.quipforge.gateway.event;

import org.jspecify.annotations.NullMarked;
