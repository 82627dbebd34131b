@NullMarked
package dev.quipforge.gateway.plan;

import org.jspecify.annotations.NullMarked;
