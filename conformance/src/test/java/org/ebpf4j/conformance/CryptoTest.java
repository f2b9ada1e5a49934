package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Encryption by programs (`bpf_crypto_encrypt`), the same in Linux and in the JVM.
class CryptoTest {
  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/crypto.bpf.o"));

  private static final String ECB = "ecb(aes)";
  private static final String CBC = "cbc(aes)";

  static Stream<Named<Supplier<Host>>> hosts() {
    return Stream.of(
        Named.of("linux", LinuxHosts::open),
        Named.of("jvm, interpreter", () -> jvm(Engine.INTERPRETER)),
        Named.of("jvm, compiler", () -> jvm(Engine.JIT)));
  }

  private static Host jvm(Engine engine) {
    return JvmHost.builder().cpus(2).poisonFreedMemory(true).engine(engine).build();
  }

  /// `struct bpf_crypto_params`.
  private static byte[] parameters(
      String type, String algorithm, byte[] key, int keyLength, int tag, int reserved) {
    ByteBuffer bytes = ByteBuffer.allocate(408).order(ByteOrder.nativeOrder());
    bytes.put(0, type.getBytes(StandardCharsets.US_ASCII));
    bytes.put(14, (byte) reserved);
    bytes.put(16, algorithm.getBytes(StandardCharsets.US_ASCII));
    bytes.put(144, key);
    return bytes.putInt(400, keyLength).putInt(404, tag).array();
  }

  private static void set(LoadedCollection loaded, String variable, byte[] value) {
    MemorySegment memory = loaded.variable(variable).memory();
    memory.fill((byte) 0);
    MemorySegment.copy(value, 0, memory, ValueLayout.JAVA_BYTE, 0, value.length);
  }

  private static byte[] get(LoadedCollection loaded, String variable, int length) {
    return loaded.variable(variable).memory().asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  private static int create(LoadedCollection loaded, byte[] parameters) {
    set(loaded, "parameters", parameters);
    assertThat((int) loaded.program("create").run(RunInput.context(new byte[64])).returnValue())
        .isZero();
    return loaded.variable("result").get(Codecs.U32);
  }

  private static int create(LoadedCollection loaded, String algorithm, byte[] key) {
    return create(loaded, parameters("skcipher", algorithm, key, key.length, 0, 0));
  }

  private static int crypt(
      LoadedCollection loaded, boolean decrypt, byte[] text, int room, byte[] vector) {
    set(loaded, "from", text);
    set(loaded, "to", new byte[0]);
    set(loaded, "vector", vector);
    loaded.variable("from_length").set(Codecs.U32, text.length);
    loaded.variable("to_length").set(Codecs.U32, room);
    loaded.variable("vector_length").set(Codecs.U32, vector.length);
    loaded.variable("decrypt").set(Codecs.U32, decrypt ? 1 : 0);
    assertThat(loaded.program("crypt").run(RunInput.packet(Packets.udp())).returnValue()).isZero();
    return loaded.variable("result").get(Codecs.U32);
  }

  private static LoadedCollection load(Host host) {
    return host.load(SPEC, LoadOptions.defaults());
  }

  /// The example of FIPS 197, appendix B.
  @ParameterizedTest
  @MethodSource("hosts")
  void blocksAreEncryptedAsTheStandardSays(Supplier<Host> hosts) {
    HexFormat hex = HexFormat.of();
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host)) {
      assertThat(create(loaded, ECB, hex.parseHex("2b7e151628aed2a6abf7158809cf4f3c"))).isZero();
      byte[] plain = hex.parseHex("3243f6a8885a308d313198a2e0370734");
      assertThat(crypt(loaded, false, plain, 16, new byte[0])).isZero();
      byte[] secret = get(loaded, "to", 16);
      assertThat(hex.formatHex(secret)).isEqualTo("3925841d02dc09fbdc118597196a0b32");
      assertThat(crypt(loaded, true, secret, 16, new byte[0])).isZero();
      assertThat(get(loaded, "to", 16)).isEqualTo(plain);
    }
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void wrongParametersAreRefused(Supplier<Host> hosts) {
    byte[] key = new byte[16];
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host)) {
      assertThat(create(loaded, parameters("skcipher", ECB, key, 15, 0, 0)))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(create(loaded, parameters("skcipher", ECB, key, 0, 0, 0)))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(create(loaded, parameters("skcipher", ECB, key, 257, 0, 0)))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(create(loaded, parameters("skcipher", ECB, key, 16, 0, 1)))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(create(loaded, parameters("skcipher", ECB, key, 16, 4, 0)))
          .isEqualTo(Errno.EOPNOTSUPP.negated());
      assertThat(create(loaded, parameters("skcipher", "ecb(none)", key, 16, 0, 0)))
          .isEqualTo(Errno.EOPNOTSUPP.negated());
      assertThat(create(loaded, parameters("cipher", ECB, key, 16, 0, 0)))
          .isEqualTo(Errno.ENOENT.negated());
    }
  }

  /// Lengths that are no blocks, too little room, vectors of the wrong length, and what is left in
  /// the vector.
  @Test
  void everyTextBecomesTheSameInBothHosts() {
    Random random = new Random(42);
    try (Host linux = LinuxHosts.open();
        LoadedCollection there = load(linux);
        Host jvm = jvm(Engine.AUTO);
        LoadedCollection here = load(jvm)) {
      for (String algorithm : List.of(ECB, CBC)) {
        for (int keyLength : new int[] {16, 24, 32}) {
          byte[] key = bytes(random, keyLength);
          assertThat(create(there, algorithm, key)).isZero();
          assertThat(create(here, algorithm, key)).isZero();
          for (int length : new int[] {0, 1, 15, 16, 17, 48, 240, 1024}) {
            for (int vectorLength : new int[] {0, 8, 16}) {
              byte[] text = bytes(random, length);
              byte[] vector = bytes(random, vectorLength);
              boolean decrypt = random.nextBoolean();
              int room = random.nextInt(4) == 0 ? random.nextInt(1024) : 1024;
              assertThat(outcome(here, decrypt, text, room, vector))
                  .as(
                      "%s, key %d, text %d, room %d, vector %d, decrypt %b",
                      algorithm, keyLength, length, room, vectorLength, decrypt)
                  .isEqualTo(outcome(there, decrypt, text, room, vector));
            }
          }
        }
      }
    }
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static List<String> outcome(
      LoadedCollection loaded, boolean decrypt, byte[] text, int room, byte[] vector) {
    List<String> outcome = new ArrayList<>();
    outcome.add("result " + crypt(loaded, decrypt, text, room, vector));
    outcome.add(HexFormat.of().formatHex(get(loaded, "to", 1024)));
    outcome.add(HexFormat.of().formatHex(get(loaded, "vector", 16)));
    return outcome;
  }
}
