/** The client of the job API. */
@NullMarked
package dev.quipforge.cli.client;

import org.jspecify.annotations.NullMarked;
