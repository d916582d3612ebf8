package dev.plimsoll.sample.api.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** Throw-away secrets for one run of the tests; what `./run secrets` makes for everything else. */
final class EmbeddedSecrets {

    static final List<String> PASSWORDS = List.of(
            "postgres_migrator_password",
            "postgres_api_password",
            "postgres_intelligence_password",
            "redis_api_password",
            "redis_intelligence_password");

    private EmbeddedSecrets() {}

    static void generate(Path directory) throws IOException {
        // Not for other users of this machine.
        if (!directory.toFile().setReadable(false, false)
                || !directory.toFile().setReadable(true, true)
                || !directory.toFile().setExecutable(false, false)
                || !directory.toFile().setExecutable(true, true)) {
            throw new IOException("Expected to be able to protect " + directory + ".");
        }
        var random = new SecureRandom();
        for (var name : PASSWORDS) {
            var password = new byte[32];
            random.nextBytes(password);
            Files.writeString(directory.resolve(name), HexFormat.of().formatHex(password));
        }
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(3072);
            var pair = generator.generateKeyPair();
            writePem(
                    directory.resolve("jwt_private_key"),
                    "PRIVATE KEY",
                    pair.getPrivate().getEncoded());
            writePem(
                    directory.resolve("jwt_public_key"),
                    "PUBLIC KEY",
                    pair.getPublic().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has RSA", e);
        }
    }

    private static void writePem(Path file, String type, byte[] content) throws IOException {
        var base64 = Base64.getMimeEncoder(64, "\n".getBytes()).encodeToString(content);
        Files.writeString(file, "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(type, base64));
    }
}
