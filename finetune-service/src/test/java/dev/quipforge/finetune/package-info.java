/** The finetune service on a real broker and a real S3 server. */
@NullMarked
package dev.quipforge.finetune;

import org.jspecify.annotations.NullMarked;
