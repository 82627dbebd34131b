@NullMarked
package dev.quipforge.gateway.outbox;

import org.jspecify.annotations.NullMarked;
