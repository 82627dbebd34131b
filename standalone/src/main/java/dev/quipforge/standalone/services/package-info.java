/** The five services as five Spring contexts in one process, set to what the standalone has started for them. */
@NullMarked
package dev.quipforge.standalone.services;

import org.jspecify.annotations.NullMarked;
