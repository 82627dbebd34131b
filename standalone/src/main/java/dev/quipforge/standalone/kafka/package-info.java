/** The Kafka broker of the standalone. */
@NullMarked
package dev.quipforge.standalone.kafka;

import org.jspecify.annotations.NullMarked;
