package dev.quipforge.finetune;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/**
 * All of the finetune service; what a process that runs it imports. Its settings are in {@code finetune-service.yml}. No task
 * is sent to its queue yet: tuning joins the saga on its own.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class FinetuneConfiguration {}
