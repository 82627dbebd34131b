package dev.quipforge.inference.openai;

import dev.quipforge.inference.serving.LoadedModels;
import dev.quipforge.inference.serving.ModelCatalog;
import dev.quipforge.inference.serving.ServingProperties;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of this package. */
@Configuration(proxyBeanMethods = false)
public class OpenAiConfiguration {

    @Bean
    CompletionController completionController(LoadedModels models, ServingProperties properties, Clock clock) {
        SecureRandom seeds = new SecureRandom();
        return new CompletionController(models, new CompletionParser(properties.maxTokens(), seeds::nextLong), clock);
    }

    @Bean
    ModelController modelController(ModelCatalog catalog) {
        return new ModelController(catalog);
    }

    @Bean
    OpenAiAdvice openAiAdvice() {
        return new OpenAiAdvice();
    }
}
