package dev.quipforge.llm.tokenizer;

import static dev.quipforge.llm.testing.SpecialTokens.BEGIN;
import static dev.quipforge.llm.testing.SpecialTokens.BEGIN_ID;
import static dev.quipforge.llm.testing.SpecialTokens.END;
import static dev.quipforge.llm.testing.SpecialTokens.MASK;
import static dev.quipforge.llm.testing.SpecialTokens.MASK_ID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.quipforge.llm.InvalidModelException;
import dev.quipforge.llm.testing.SpecialTokens;
import dev.quipforge.llm.testing.TestModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextBeginningTest {

    private static final Map<String, Object> BYTE_LEVEL =
            Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);

    @TempDir
    Path directory;

    @BeforeEach
    void writeTokenizer() {
        TestModels.writeConfig(directory, TestModels.config());
    }

    @Test
    void aTokenizerWithoutConventionsPutsNothingBeforeAText() {
        assertThat(prefix()).isEmpty();
        SpecialTokens.postProcess(directory, BYTE_LEVEL);
        assertThat(prefix()).isEmpty();
    }

    @Test
    void theDemoTokenizerPutsNothingBeforeAText() {
        try (Tokenizer tokenizer = Tokenizer.open(TestModels.demo().resolve("model/tokenizer.json"))) {
            assertThat(tokenizer.prefix()).isEmpty();
        }
    }

    @Test
    void aTemplateSaysWhatStandsBeforeAText() {
        SpecialTokens.beginTexts(directory);
        assertThat(prefix()).containsExactly(BEGIN_ID);
        SpecialTokens.postProcess(directory, SpecialTokens.template(List.of(BEGIN, MASK), List.of()));
        assertThat(prefix()).containsExactly(BEGIN_ID, MASK_ID);
    }

    @Test
    void whatATemplatePutsBehindATextIsLeftOut() {
        SpecialTokens.postProcess(directory, SpecialTokens.template(List.of(BEGIN), List.of(END)));
        assertThat(prefix()).containsExactly(BEGIN_ID);
        SpecialTokens.postProcess(directory, SpecialTokens.template(List.of(), List.of(END)));
        assertThat(prefix()).isEmpty();
    }

    @Test
    void aSequenceOfProcessorsIsFollowed() {
        Map<String, Object> template = SpecialTokens.template(List.of(BEGIN), List.of());
        SpecialTokens.postProcess(directory, Map.of("type", "Sequence", "processors", List.of(BYTE_LEVEL, template)));
        assertThat(prefix()).containsExactly(BEGIN_ID);
    }

    @Test
    void theFirstOfTheTwoTokensOfBertIsTaken() {
        SpecialTokens.postProcess(
                directory, Map.of("type", "BertProcessing", "cls", List.of(BEGIN, BEGIN_ID), "sep", List.of(END, 256)));
        assertThat(prefix()).containsExactly(BEGIN_ID);
    }

    @Test
    void classesThatHeedTheSettingPutATokenBeforeATextThatTheTemplateLacks() {
        SpecialTokens.postProcess(directory, BYTE_LEVEL);
        configure("LlamaTokenizerFast", true, BEGIN);
        assertThat(prefix()).containsExactly(BEGIN_ID);
        configure("GemmaTokenizer", true, Map.of("__type", "AddedToken", "content", BEGIN));
        assertThat(prefix()).containsExactly(BEGIN_ID);
        SpecialTokens.configure(directory, Map.of("add_bos_token", true, "bos_token", BEGIN));
        assertThat(prefix()).containsExactly(BEGIN_ID);
    }

    @Test
    void classesThatHeedTheSettingLeaveOutATokenThatTheTemplateHas() {
        SpecialTokens.beginTexts(directory);
        configure("LlamaTokenizer", false, BEGIN);
        assertThat(prefix()).isEmpty();
        configure("LlamaTokenizer", true, MASK);
        assertThat(prefix()).containsExactly(MASK_ID);
    }

    @Test
    void forAllOtherClassesTheTemplateAloneDecides() {
        SpecialTokens.beginTexts(directory);
        configure("PreTrainedTokenizerFast", false, BEGIN);
        assertThat(prefix()).containsExactly(BEGIN_ID);
        SpecialTokens.postProcess(directory, BYTE_LEVEL);
        configure("PreTrainedTokenizerFast", true, BEGIN);
        assertThat(prefix()).isEmpty();
    }

    @Test
    void theTemplateDecidesWhereTheSettingOrTheTokenIsAbsent() {
        SpecialTokens.beginTexts(directory);
        SpecialTokens.configure(directory, Map.of("tokenizer_class", "LlamaTokenizer", "bos_token", BEGIN));
        assertThat(prefix()).containsExactly(BEGIN_ID);
        SpecialTokens.configure(directory, Map.of("tokenizer_class", "LlamaTokenizer", "add_bos_token", true));
        assertThat(prefix()).containsExactly(BEGIN_ID);
    }

    @Test
    void aTokenThatTheTokenizerDoesNotHaveIsNamed() {
        configure("LlamaTokenizer", true, "<s>");
        assertThatExceptionOfType(InvalidModelException.class)
                .isThrownBy(this::prefix)
                .withMessage("tokenizer_config.json: bos_token: \"<s>\" (expected: a token of tokenizer.json)");
    }

    @Test
    void aPromptIsBegunOnce() {
        SpecialTokens.beginTexts(directory);
        try (Tokenizer tokenizer = open()) {
            assertThat(tokenizer.encode("ab")).containsExactly('a', 'b');
            assertThat(tokenizer.encodePrompt("ab")).containsExactly(BEGIN_ID, 'a', 'b');
            assertThat(tokenizer.encodePrompt(BEGIN + "ab")).containsExactly(BEGIN_ID, 'a', 'b');
            assertThat(tokenizer.encodePrompt("")).containsExactly(BEGIN_ID);
        }
    }

    @Test
    void windowsAreBegunUnlessTheBareTextIsAskedFor() {
        SpecialTokens.beginTexts(directory);
        try (Tokenizer tokenizer = open()) {
            TextWindows begun = TextWindows.cut(tokenizer, "abcdefgh", 4, "text");
            assertThat(begun.specialTokens()).isEqualTo(1);
            assertThat(begun.length()).isEqualTo(4);
            assertThat(begun.tokens())
                    .containsExactly(new int[] {BEGIN_ID, 'a', 'b', 'c'}, new int[] {BEGIN_ID, 'd', 'e', 'f'});
            TextWindows bare = TextWindows.withoutSpecialTokens(tokenizer, "abcdefgh", 4, "text");
            assertThat(bare.specialTokens()).isZero();
            assertThat(bare.tokens()).containsExactly(new int[] {'a', 'b', 'c', 'd'}, new int[] {'e', 'f', 'g', 'h'});
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> TextWindows.cut(tokenizer, "ab", 4, "text"))
                    .withMessage("text: 2 tokens (expected: at least one window of 3)");
            assertThatExceptionOfType(InvalidModelException.class)
                    .isThrownBy(() -> TextWindows.cut(tokenizer, "ab", 1, "text"))
                    .withMessage("window: 1 tokens (expected: at least 2)");
        }
    }

    @Test
    void aWindowIsLongerThanWhatStandsBeforeAText() {
        SpecialTokens.postProcess(directory, SpecialTokens.template(List.of(BEGIN, MASK), List.of()));
        try (Tokenizer tokenizer = open()) {
            assertThat(TextWindows.least(tokenizer)).isEqualTo(3);
            assertThat(TextWindows.cut(tokenizer, "a", 3, "text").tokens().getFirst())
                    .containsExactly(BEGIN_ID, MASK_ID, 'a');
        }
    }

    private void configure(String type, boolean add, Object token) {
        SpecialTokens.configure(directory, Map.of("tokenizer_class", type, "add_bos_token", add, "bos_token", token));
    }

    private int[] prefix() {
        try (Tokenizer tokenizer = open()) {
            return tokenizer.prefix();
        }
    }

    private Tokenizer open() {
        return Tokenizer.open(directory.resolve("tokenizer.json"));
    }
}
