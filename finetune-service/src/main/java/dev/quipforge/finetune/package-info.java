/** Block tuning and end-to-end tuning of quantized models. */
@NullMarked
package dev.quipforge.finetune;

import org.jspecify.annotations.NullMarked;
