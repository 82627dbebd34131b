@NullMarked
package dev.quipforge.gateway.job;

import org.jspecify.annotations.NullMarked;
