package dev.quipforge.inference.openai;

import org.jspecify.annotations.Nullable;

/** An error as OpenAI's API writes it. */
record ErrorBody(Detail error) {

    static ErrorBody of(String type, @Nullable String field, @Nullable String code, String message) {
        return new ErrorBody(new Detail(message, type, field, code));
    }

    /**
     * What is wrong.
     *
     * @param message for a person
     * @param type kind of error
     * @param param the field at fault
     * @param code what a program may ask for
     */
    record Detail(
            String message,
            String type,
            @Nullable String param,
            @Nullable String code) {}
}
