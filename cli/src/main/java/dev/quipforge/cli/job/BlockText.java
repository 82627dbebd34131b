package dev.quipforge.cli.job;

import dev.quipforge.cli.terminal.Text;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The report of one block as tables for people: its linears, then its experts. */
final class BlockText {

    private static final int NAME = 48;
    private static final int NUMBER = 12;

    private BlockText() {}

    /** The tables of a block as the job API gives it. */
    static String of(JsonNode block) {
        List<String> lines = new ArrayList<>();
        lines.add(Text.column("linear", NAME) + Text.column("tokens", NUMBER) + "proxy loss");
        for (JsonNode linear : block.path("linears")) {
            lines.add(Text.column(linear.path("name").asString(""), NAME) + figures(linear));
        }
        if (!block.path("experts").isEmpty()) {
            lines.add("");
            lines.add(Text.column("expert", NAME) + Text.column("tokens", NUMBER) + "proxy loss, prior's share");
        }
        for (JsonNode expert : block.path("experts")) {
            lines.add(Text.column(expert.path("expert").asString(""), NAME)
                    + figures(expert)
                    + "  "
                    + Text.percent(expert.path("prior").asDouble(0)));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static String figures(JsonNode node) {
        String loss = node.path("kept").isString()
                ? "kept: " + node.path("kept").stringValue()
                : Text.number(node.path("proxyLoss").asDouble(0), 5);
        return Text.column(node.path("tokens").asString("-"), NUMBER) + loss;
    }
}
