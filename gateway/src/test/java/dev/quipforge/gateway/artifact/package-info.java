@NullMarked
package dev.quipforge.gateway.artifact;

import org.jspecify.annotations.NullMarked;
