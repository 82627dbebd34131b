/** Commands on their way to Kafka: written with the state they follow from, sent afterwards. */
@NullMarked
package dev.quipforge.gateway.outbox;

import org.jspecify.annotations.NullMarked;
