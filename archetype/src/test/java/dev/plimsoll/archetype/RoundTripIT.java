package dev.plimsoll.archetype;

import static dev.plimsoll.archetype.Archetype.REFERENCE_ANSWERS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The reference is the template: nothing is lost on the way through the archetype. */
class RoundTripIT {

    @Test
    void theReferencesAnswersGiveTheReferenceBack() throws Exception {
        var project = Archetype.project(Archetype.emptyFolder("round-trip"), REFERENCE_ANSWERS);
        var reference = Tree.ofReference();
        Tree.assertHolds(project, reference);
        var more = Tree.of(project).keySet();
        more.removeAll(reference.keySet());
        assertThat(more).as("files of a generated project alone").containsExactly(".plimsoll.properties", "README.md");
    }

    @Test
    void theSameAnswersGiveTheSameBytes() throws Exception {
        var answers = new Answers("com.acme", "shop", "1.0.0", "com.acme.shop");
        var first = Archetype.project(Archetype.emptyFolder("once"), answers);
        var second = Archetype.project(Archetype.emptyFolder("twice"), answers);
        Tree.assertHolds(second, Tree.of(first));
        assertThat(Tree.pathsBelow(second)).isEqualTo(Tree.pathsBelow(first));
    }

    @Test
    void theProjectKnowsItsTemplateAndAnswers() throws Exception {
        var project = Archetype.project(
                Archetype.emptyFolder("record"), new Answers("com.my-company", "shop-2", "2.0.0-rc.1", "org.other"));
        assertThat(Tree.of(project).get(".plimsoll.properties").lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "template=dev.plimsoll:plimsoll-archetype:" + System.getProperty("archetype.version"),
                        "groupId=com.my-company",
                        "artifactId=shop-2",
                        "version=2.0.0-rc.1",
                        "package=org.other");
    }
}
