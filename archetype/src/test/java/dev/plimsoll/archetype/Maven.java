package dev.plimsoll.archetype;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Maven, and the Java that runs it. */
record Maven(Path home, Path java) {

    /** The one that runs this build, on the Java that runs this test. */
    static Maven host() {
        return new Maven(Path.of(System.getProperty("maven.home")), Path.of(System.getProperty("java.home")));
    }

    Command command(Path folder, String... arguments) {
        var words = new ArrayList<>(List.of(home.resolve("bin/mvn").toString()));
        words.addAll(List.of(arguments));
        return Command.of(folder, words.toArray(String[]::new)).with(Map.of("JAVA_HOME", java.toString()));
    }

    Command.Result run(Path folder, String... arguments) throws IOException, InterruptedException {
        return command(folder, arguments).run();
    }
}
