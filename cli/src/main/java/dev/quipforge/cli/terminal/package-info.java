/** What commands say and how: text for people, one JSON document for programs, progress on a terminal. */
@NullMarked
package dev.quipforge.cli.terminal;

import org.jspecify.annotations.NullMarked;
