@NullMarked
package dev.quipforge.gateway;

import org.jspecify.annotations.NullMarked;
