package dev.quipforge.gateway.request;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.type.LogicalType;

/** How requests are read: strictly. A field nobody knows is an error, and a string is not a number. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RequestProperties.class)
@Import(MethodController.class)
public class RequestConfiguration {

    @Bean
    SubmissionCheck submissionCheck(RequestProperties properties) {
        return new SubmissionCheck(properties.allowedRoots());
    }

    @Bean
    JsonMapperBuilderCustomizer strictRequests() {
        return builder -> builder.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .withCoercionConfig(LogicalType.Integer, RequestConfiguration::refuse)
                .withCoercionConfig(LogicalType.Float, RequestConfiguration::refuseText)
                .withCoercionConfig(LogicalType.Textual, RequestConfiguration::refuse);
    }

    /** A whole number is a number, too. */
    private static void refuseText(MutableCoercionConfig coercion) {
        coercion.setCoercion(CoercionInputShape.String, CoercionAction.Fail);
        coercion.setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail);
    }

    private static void refuse(MutableCoercionConfig coercion) {
        for (CoercionInputShape shape : CoercionInputShape.values()) {
            coercion.setCoercion(shape, CoercionAction.Fail);
        }
    }
}
