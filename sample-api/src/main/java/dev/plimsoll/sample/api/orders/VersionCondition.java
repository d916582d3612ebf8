package dev.plimsoll.sample.api.orders;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The header {@code If-Match} of RFC 9110: a write happens only to a version that the client has seen.
 *
 * @param any      {@code *}: whichever version there is
 * @param versions otherwise one of these; a tag that is not ours matches nothing, so it is left out
 */
record VersionCondition(boolean any, Integer[] versions) {

    private static final Pattern OUR_TAG = Pattern.compile("\"([0-9]{1,9})\"");

    static VersionCondition of(List<String> ifMatch) {
        var versions = ifMatch.stream()
                .map(OUR_TAG::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> Integer.valueOf(matcher.group(1)))
                .toArray(Integer[]::new);
        return new VersionCondition(ifMatch.contains("*"), versions);
    }
}
