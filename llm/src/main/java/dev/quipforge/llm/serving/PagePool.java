package dev.quipforge.llm.serving;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Who uses which pages of a cache. Texts that begin alike share pages; a full page that nobody uses any more keeps its content
 * until it is needed for another, the least recently used first. Not for several threads.
 */
final class PagePool {

    private final int pageLength;
    private final int[] users;
    private final long[] contents;
    private final @Nullable PageContent[] keys;
    private final Deque<Integer> empty = new ArrayDeque<>();
    private final LinkedHashSet<Integer> idle = new LinkedHashSet<>();
    private final Map<PageContent, Integer> byContent = new HashMap<>();
    private long lastContent = PageContent.BEGINNING;

    /**
     * All pages empty.
     *
     * @param pages how many
     * @param pageLength positions of a page
     */
    PagePool(int pages, int pageLength) {
        this.pageLength = pageLength;
        this.users = new int[pages];
        this.contents = new long[pages];
        this.keys = new PageContent[pages];
        for (int page = 0; page < pages; page++) {
            empty.add(page);
        }
    }

    /** Number of pages. */
    int size() {
        return users.length;
    }

    /** Pages that {@link #take} can give. */
    int free() {
        return empty.size() + idle.size();
    }

    /** Pages that hold something for texts to come, and that nobody uses. */
    int idle() {
        return idle.size();
    }

    /** Pages that a text of so many tokens takes. */
    int pagesOf(int tokens) {
        return Math.ceilDiv(tokens, pageLength);
    }

    /** A page for one user; empty when all are in use. */
    OptionalInt take() {
        Integer page = empty.poll();
        if (page == null) {
            if (idle.isEmpty()) {
                return OptionalInt.empty();
            }
            page = idle.removeFirst();
            byContent.remove(keys[page]);
            keys[page] = null;
        }
        contents[page] = PageContent.BEGINNING;
        users[page] = 1;
        return OptionalInt.of(page);
    }

    /** One user less. */
    void release(int page) {
        if (users[page] < 1) {
            throw new IllegalStateException("page " + page + ": released more often than taken");
        }
        users[page]--;
        if (users[page] > 0) {
            return;
        }
        if (keys[page] == null) {
            empty.addFirst(page);
        } else {
            idle.add(page);
        }
    }

    /**
     * The pages that hold the beginning of a text, with a user more each.
     *
     * @param tokens the text
     * @param most most tokens that the pages may hold
     * @param pages receives them in order
     */
    void takePrefix(int[] tokens, int most, List<Integer> pages) {
        long parent = PageContent.BEGINNING;
        for (int first = 0; first + pageLength <= most; first += pageLength) {
            Integer page = byContent.get(PageContent.of(parent, tokens, first, first + pageLength));
            if (page == null) {
                return;
            }
            idle.remove(page);
            users[page]++;
            pages.add(page);
            parent = contents[page];
        }
    }

    /**
     * Says what a full page holds, so that other texts find it. Where another page is known to hold the same, that one is found.
     *
     * @param page the page
     * @param before the page before it in its text, of which the same was said; empty for the first
     * @param tokens its tokens
     */
    void publish(int page, OptionalInt before, int[] tokens) {
        long parent = before.isPresent() ? contents[before.getAsInt()] : PageContent.BEGINNING;
        PageContent content = PageContent.of(parent, tokens, 0, tokens.length);
        Integer known = byContent.putIfAbsent(content, page);
        if (known == null) {
            lastContent++;
            contents[page] = lastContent;
            keys[page] = content;
        } else {
            contents[page] = contents[known];
        }
    }
}
