@NullMarked
package dev.quipforge.gateway.problem;

import org.jspecify.annotations.NullMarked;
