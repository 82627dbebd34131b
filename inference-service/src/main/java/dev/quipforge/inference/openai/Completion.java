package dev.quipforge.inference.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.quipforge.llm.generation.Generation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A completion, or a piece of one.
 *
 * @param id the same for all pieces of one completion
 * @param object always {@code text_completion}
 * @param created seconds since 1970
 * @param model name of the model
 * @param choices one, or none in the piece that holds the usage
 * @param usage counts of tokens; absent in pieces
 */
record Completion(
        String id,
        String object,
        long created,
        String model,
        List<Choice> choices,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Usage usage) {

    static Completion of(String id, long created, String model, List<Choice> choices, @Nullable Usage usage) {
        return new Completion(id, "text_completion", created, model, choices, usage);
    }

    /**
     * A text.
     *
     * @param text the text, without the prompt
     * @param index always 0
     * @param logprobs always null: not supported
     * @param finishReason {@code stop} or {@code length}; null while the text goes on
     */
    record Choice(
            String text,
            int index,
            @Nullable Object logprobs,
            @JsonProperty("finish_reason") @Nullable String finishReason) {

        static Choice piece(String text) {
            return new Choice(text, 0, null, null);
        }

        static Choice last(String text, Generation.End end) {
            return new Choice(
                    text,
                    0,
                    null,
                    switch (end) {
                        case STOP -> "stop";
                        case LENGTH -> "length";
                    });
        }
    }

    /** Counts of tokens. */
    record Usage(
            @JsonProperty("prompt_tokens") int promptTokens,
            @JsonProperty("completion_tokens") int completionTokens,
            @JsonProperty("total_tokens") int totalTokens) {

        static Usage of(Generation generation) {
            return new Usage(
                    generation.promptTokens(), generation.tokens(), generation.promptTokens() + generation.tokens());
        }
    }
}
