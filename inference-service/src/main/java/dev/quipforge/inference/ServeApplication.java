package dev.quipforge.inference;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Serves models in folders of this machine, without any other service. */
public final class ServeApplication {

    private ServeApplication() {}

    /**
     * Starts, and says {@code ready URL} on standard output.
     *
     * @param arguments settings, such as {@code --quipforge.serving.directories=/models/a,/models/b} and {@code
     *     --server.port=8000}
     */
    public static void main(String[] arguments) {
        ConfigurableApplicationContext context = start(arguments);
        System.out.println("ready " + url(context));
        System.out.flush();
    }

    /**
     * Starts.
     *
     * @param arguments as of {@link #main}
     * @return the server; whoever started it closes it
     */
    static ConfigurableApplicationContext start(String... arguments) {
        return new SpringApplicationBuilder(ServeConfiguration.class)
                .properties("spring.config.name=quipforge-serve")
                .run(arguments);
    }

    private static String url(ConfigurableApplicationContext context) {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        String address = context.getEnvironment().getProperty("server.address", "127.0.0.1");
        return "http://" + address + ":" + port;
    }
}
