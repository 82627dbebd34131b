@NullMarked
package dev.quipforge.gateway.request;

import org.jspecify.annotations.NullMarked;
