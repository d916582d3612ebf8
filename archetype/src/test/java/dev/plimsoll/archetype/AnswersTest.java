package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules for each answer, at their edges; that a refusal leaves nothing behind is the affair of {@link BadAnswersIT}. */
class AnswersTest {

    @ParameterizedTest
    @CsvSource({
        "com.acme, a, 1, a",
        "com.my-company, web-2--go-4u, 2.0.0-rc.1, com.my_company.web2",
        "io, a23456789-123456789-123456789-1234567890, 1.0.0-SNAPSHOT, _x.__.Y1",
        "a.1b_c.d-, yes-no, 20261231, record.module.sealed",
        "java.util, java, 0.1_2, javax.java",
    })
    void areFine(String groupId, String artifactId, String version, String packageName) {
        assertThat(new Answers(groupId, artifactId, version, packageName).problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "A",
                "Shop",
                "shop ",
                " shop",
                "1",
                "1shop",
                "-",
                "-shop",
                "shop-",
                "sh_op",
                "sh.op",
                "sh op",
                "shop\n",
                "sh\u00f6p",
                "a23456789-123456789-123456789-12345678901",
                "y",
                "n",
                "yes",
                "no",
                "on",
                "off",
                "true",
                "false",
                "null",
                "..",
                "a/b",
                "$a",
                "`a`",
            })
    void artifactIdIsRefused(String artifactId) {
        assertThat(new Answers("com.acme", artifactId, "1", "com.acme").problems())
                .singleElement()
                .asString()
                .startsWith("artifactId '" + artifactId + "' can't be used.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1com",
                ".com",
                "com.",
                "com..acme",
                "com.-acme",
                "com acme",
                "com/acme",
                "com:acme",
                "com&acme",
                "com'acme",
                "com\"",
                "<com>",
                "com\\acme",
                "$com",
                "com.\u00e4cme",
                "com\n",
            })
    void groupIdIsRefused(String groupId) {
        assertThat(new Answers(groupId, "shop", "1", "com.acme").problems())
                .singleElement()
                .asString()
                .startsWith("groupId '" + groupId + "' can't be used.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "v1",
                "-1",
                "1-",
                "1.",
                ".1",
                "1 0",
                "1+2",
                "1:2",
                "1/2",
                "1<2",
                "1&2",
                "1'",
                "1\"",
                "LATEST",
                "RELEASE",
                "${x}",
                "1\u00e4",
                "1\n",
                "1234567890123456789012345678901234567890123456789012345678901234",
            })
    void versionIsRefused(String version) {
        assertThat(new Answers("com.acme", "shop", version, "com.acme").problems())
                .singleElement()
                .asString()
                .startsWith("version '" + version + "' can't be used.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "com.",
                ".com",
                "com..acme",
                "1com",
                "com.1acme",
                "com-acme",
                "com acme",
                "com/acme",
                "com.$acme",
                "com.\u00e4cme",
                "com\n",
                "class",
                "com.class",
                "new.acme",
                "com.true",
                "com.null",
                "com._",
                "com.enum.acme",
                "java",
                "java.acme",
            })
    void packageIsRefused(String packageName) {
        assertThat(new Answers("com.acme", "shop", "1", packageName).problems())
                .singleElement()
                .asString()
                .startsWith("package '" + packageName + "' can't be used.");
    }
}
