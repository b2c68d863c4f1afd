//! What files are, by their first bytes and their labels.

use super::{Wanted, media_type};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
const WEBP: &[u8] = b"RIFF\x24\0\0\0WEBPVP8 ";
const WAV: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";
const BMP: &[u8] = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0";
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
const AVIF: &[u8] = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1";
const M4A: &[u8] = b"\0\0\0\x1cftypM4A \0\0\0\0";
const MP4: &[u8] = b"\0\0\0\x1cftypisom\0\0\x02\0";
const WEBM: &[u8] = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81";
const PDF: &[u8] = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\x06\0";
const DOC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0";
const PAGE: &[u8] = b"\xef\xbb\xbf \n<!DOCTYPE HTML><title>404</title>";
const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const OCTETS: &str = "application/octet-stream";

fn check(wanted: Wanted, label: &str, bytes: &[u8], expect: Option<&str>) {
    let label = Some(label).filter(|label| !label.is_empty());
    let given = media_type(wanted, label, bytes);
    assert_eq!(given.as_deref(), expect, "{wanted:?} {label:?} {bytes:?}");
}

#[test]
fn an_image_is_what_its_bytes_say_whatever_its_label() {
    let images: [(&[u8], &str); 9] = [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"GIF87a\x01\0", "image/gif"),
        (b"GIF89a\x01\0", "image/gif"),
        (WEBP, "image/webp"),
        (BMP, "image/bmp"),
        (HEIC, "image/heic"),
        (AVIF, "image/avif"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
    ];
    for (bytes, expect) in images {
        for label in ["", OCTETS, "image/png", "text/html; charset=utf-8", "x"] {
            check(Wanted::Image, label, bytes, Some(expect));
            check(Wanted::Any, label, bytes, Some(expect));
        }
        check(Wanted::Audio, expect, bytes, None);
        check(Wanted::File, expect, bytes, None);
    }
}

#[test]
fn nothing_else_passes_for_an_image() {
    let others = [
        PAGE,
        PDF,
        WAV,
        M4A,
        MP4,
        ZIP,
        ELF,
        b"",
        b"\x89PN",
        b"BMW is a car",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"{\"error\":\"not found\"}",
    ];
    for bytes in others {
        for label in ["", OCTETS, "image/png", "image/svg+xml"] {
            check(Wanted::Image, label, bytes, None);
        }
    }
}

#[test]
fn sound() {
    let sounds: [(&[u8], &str); 7] = [
        (WAV, "audio/wav"),
        (b"ID3\x04\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (b"fLaC\0\0\0\x22", "audio/flac"),
        (b"OggS\0\x02", "audio/ogg"),
        (M4A, "audio/mp4"),
    ];
    for (bytes, expect) in sounds {
        check(Wanted::Audio, OCTETS, bytes, Some(expect));
        check(Wanted::Any, "", bytes, Some(expect));
        check(Wanted::Image, "", bytes, None);
    }
    // Containers of both are what their label says.
    check(Wanted::Audio, "audio/mp4", MP4, Some("audio/mp4"));
    check(Wanted::Audio, "video/mp4", MP4, None);
    check(Wanted::Audio, "audio/webm", WEBM, Some("audio/webm"));
    check(Wanted::Any, "audio/webm", WEBM, Some("audio/webm"));
    check(Wanted::Any, "video/webm", WEBM, Some("video/webm"));
    check(Wanted::Any, "", MP4, Some("video/mp4"));
    check(Wanted::Any, "audio/mp4", MP4, Some("audio/mp4"));
    for bytes in [PAGE, PNG, WEBP, PDF, HEIC, b"text"] {
        check(Wanted::Audio, "audio/mpeg", bytes, None);
    }
}

#[test]
fn documents() {
    for wanted in [Wanted::File, Wanted::Any] {
        check(wanted, "", PDF, Some("application/pdf"));
        check(wanted, OCTETS, PDF, Some("application/pdf"));
        check(wanted, "text/html", PDF, Some("application/pdf"));
        check(wanted, DOCX, ZIP, Some(DOCX));
        check(
            wanted,
            "application/msword",
            DOC,
            Some("application/msword"),
        );
        check(wanted, DOCX, DOC, None);
        check(wanted, OCTETS, ZIP, None);
        check(wanted, "application/zip", ZIP, None);
        check(
            wanted,
            "Text/CSV; charset=utf-8",
            b"a,b\n",
            Some("text/csv"),
        );
        check(wanted, "application/json", b"{}", Some("application/json"));
        check(wanted, OCTETS, "Grüße".as_bytes(), Some("text/plain"));
        check(wanted, "", b"plain", Some("text/plain"));
        // In another encoding than UTF-8.
        check(wanted, "text/plain; charset=latin1", b"Gr\xfc\xdfe", None);
        check(wanted, "text/plain", b"a\0b\0", None);
        check(wanted, OCTETS, ELF, None);
        check(wanted, "text/plain", ELF, None);
        check(wanted, "", b"", None);
        check(wanted, "application/x-unheard-of", b"text", None);
    }
}

#[test]
fn a_page_is_a_document_only_where_it_is_called_text() {
    check(Wanted::File, "text/html", PAGE, Some("text/html"));
    check(Wanted::File, "", PAGE, Some("text/html"));
    check(Wanted::File, "text/plain", PAGE, Some("text/plain"));
    for label in ["application/pdf", "application/json", OCTETS, DOCX] {
        check(Wanted::File, label, PAGE, None);
    }
}
