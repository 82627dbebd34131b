package dev.quipforge.gateway.problem;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The form of errors. */
@Configuration(proxyBeanMethods = false)
@Import(ProblemAdvice.class)
public class ProblemConfiguration {}
