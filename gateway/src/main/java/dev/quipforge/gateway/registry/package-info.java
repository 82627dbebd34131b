/** The models the platform knows: imported originals and published checkpoints. */
@NullMarked
package dev.quipforge.gateway.registry;

import org.jspecify.annotations.NullMarked;
