package dev.quipforge.gateway.report;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The reports. */
@Configuration(proxyBeanMethods = false)
@Import(ReportController.class)
public class ReportConfiguration {}
