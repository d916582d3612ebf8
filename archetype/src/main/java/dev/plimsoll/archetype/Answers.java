package dev.plimsoll.archetype;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.lang.model.SourceVersion;

/**
 * What is asked when a project is generated: its coordinates and its Java package. In the template each of them is a
 * token, for example {@code @artifactId@}.
 */
record Answers(String groupId, String artifactId, String version, String packageName) {

    static Answers of(Properties properties) {
        return new Answers(
                properties.getProperty("groupId"),
                properties.getProperty("artifactId"),
                properties.getProperty("version"),
                properties.getProperty("package"));
    }

    /** The tokens and what they stand for. */
    Map<String, String> tokens() {
        var tokens = new LinkedHashMap<String, String>();
        tokens.put("@package@", packageName);
        tokens.put("@packagePath@", packageName.replace('.', '/'));
        tokens.put("@groupId@", groupId);
        tokens.put("@artifactId@", artifactId);
        tokens.put("@version@", version);
        return tokens;
    }

    /** A text of the template with the answers in it. */
    String fill(String template) {
        // One look at each character, for a JVM that has just started interprets this.
        var tokens = tokens();
        var text = new StringBuilder();
        var copied = 0;
        for (var at = template.indexOf('@'); at >= 0; at = template.indexOf('@', Math.max(copied, at + 1))) {
            for (var token : tokens.entrySet()) {
                if (template.startsWith(token.getKey(), at)) {
                    text.append(template, copied, at).append(token.getValue());
                    copied = at + token.getKey().length();
                    break;
                }
            }
        }
        return copied == 0
                ? template
                : text.append(template, copied, template.length()).toString();
    }

    /** Each answer that can't be used, with the rule that it breaks and an example; empty if all can. */
    List<String> problems() {
        var problems = new ArrayList<String>();
        if (!groupId.matches("[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9][A-Za-z0-9_-]*)*")) {
            problems.add(problem(
                    "groupId",
                    groupId,
                    "letters, digits, dashes and underscores in parts joined by single dots, a letter first",
                    "com.my-company"));
        }
        // Names of images, Compose projects and Kubernetes objects begin with it; 63 is their limit.
        if (!artifactId.matches("[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
                || artifactId.matches("y|n|yes|no|on|off|true|false|null")) {
            problems.add(problem(
                    "artifactId",
                    artifactId,
                    "a DNS label of at most 40 characters: lower case letters, digits and dashes, a letter first and no"
                            + " dash last; no word that YAML takes for a value (y, n, yes, no, on, off, true, false, null)",
                    "shop-2"));
        }
        // Also the tag of an image and the value of a label.
        if (!version.matches("[0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")) {
            problems.add(problem(
                    "version",
                    version,
                    "at most 63 letters, digits, dots, dashes and underscores, a digit first and a letter or digit last",
                    "2.0.0-rc.1"));
        }
        if (!packageName.matches("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*")
                || !SourceVersion.isName(packageName)
                || packageName.matches("java(\\..*)?")) {
            problems.add(problem(
                    "package",
                    packageName,
                    "a Java package: letters, digits and underscores in parts joined by single dots, no digit first in a"
                            + " part, no part a keyword of Java, not below java",
                    "com.my_company.shop"));
        }
        return problems;
    }

    private static String problem(String name, String value, String rule, String example) {
        return "%s '%s' can't be used.%n  Rule: %s.%n  Example: -D%s=%s".formatted(name, value, rule, name, example);
    }
}
