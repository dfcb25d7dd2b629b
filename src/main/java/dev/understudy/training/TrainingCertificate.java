package dev.understudy.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** A self-signed certificate for localhost, made by the JDK's keytool, in PEM. */
final class TrainingCertificate {
  private static final char[] PASSWORD = "training".toCharArray();
  private static final String ALIAS = "site";

  private TrainingCertificate() {}

  /** Writes the key and the certificate into the folder, as {@code site.pem}; returns that file. */
  static Path write(Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve("site.p12");
    Files.deleteIfExists(store);
    generate(store);
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
    return Files.writeString(
        folder.resolve("site.pem"),
        pem("PRIVATE KEY", keys.getKey(ALIAS, PASSWORD).getEncoded())
            + pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()));
  }

  private static void generate(Path store) throws IOException, InterruptedException {
    String command =
        "-genkeypair -keyalg EC -groupname secp256r1 -dname CN=localhost -ext san=dns:localhost"
            + " -validity 1 -storetype PKCS12 -alias "
            + ALIAS;
    ProcessBuilder keytool =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-keystore",
            store.toString(),
            "-storepass",
            new String(PASSWORD));
    keytool.command().addAll(List.of(command.split(" ")));
    int status = keytool.inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("keytool ended with " + status);
    }
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
  }
}
