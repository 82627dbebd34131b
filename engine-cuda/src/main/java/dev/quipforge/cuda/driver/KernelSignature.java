package dev.quipforge.cuda.driver;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parameters of a kernel, as its PTX declares them. The driver is given addresses of arguments without their sizes: one
 * that is too small would be read beyond its end, and nothing would say so.
 *
 * @param kernel module and name
 * @param parameters {@link Long} for addresses and integers of 64 bits, {@link Integer}, {@link Float}
 */
public record KernelSignature(String kernel, List<Class<?>> parameters) {

    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
    private static final Pattern PARAMETER = Pattern.compile("\\.param\\s+\\.(\\w+)");

    /** The signatures of all kernels of a module, by name. */
    public static Map<String, KernelSignature> ofModule(String module, String ptx) {
        Map<String, KernelSignature> signatures = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(ptx);
        while (entry.find()) {
            String kernel = module + "." + entry.group(1);
            List<Class<?>> parameters = new ArrayList<>();
            Matcher parameter = PARAMETER.matcher(entry.group(2));
            while (parameter.find()) {
                parameters.add(type(kernel, parameter.group(1)));
            }
            signatures.put(entry.group(1), new KernelSignature(kernel, parameters));
        }
        return signatures;
    }

    private static Class<?> type(String kernel, String declared) {
        return switch (declared) {
            case "u64", "s64", "b64" -> Long.class;
            case "u32", "s32", "b32" -> Integer.class;
            case "f32" -> Float.class;
            default ->
                throw new CudaException(
                        kernel + ": parameter of type " + declared + " (expected: 64 or 32 bits, or f32)");
        };
    }

    /**
     * Demands arguments of these types.
     *
     * @throws IllegalArgumentException naming the first that differs
     */
    public void require(Object... arguments) {
        if (arguments.length != parameters.size()) {
            throw new IllegalArgumentException(
                    kernel + ": " + arguments.length + " arguments (expected: " + parameters.size() + ")");
        }
        for (int i = 0; i < arguments.length; i++) {
            Class<?> actual = arguments[i].getClass();
            if (actual != parameters.get(i)) {
                throw new IllegalArgumentException("%s: argument %d of type %s (expected: %s)"
                        .formatted(
                                kernel,
                                i,
                                actual.getSimpleName(),
                                parameters.get(i).getSimpleName()));
            }
        }
    }
}
