/** Intake of models and texts, calibration: what has to be known of a model before it can be quantized. */
@NullMarked
package dev.quipforge.calibration;

import org.jspecify.annotations.NullMarked;
