/** The gateway: job API, dashboard and the saga that runs jobs; the only writer of PostgreSQL. */
@NullMarked
package dev.quipforge.gateway;

import org.jspecify.annotations.NullMarked;
