module github.com/callboard/callboard/docs/decisions/senderbench

go 1.26.0

replace github.com/callboard/callboard => ../../..

require (
	github.com/callboard/callboard v0.0.0-00010101000000-000000000000
	github.com/valyala/fasthttp v1.78.0
)

require (
	code.dny.dev/ssrf v0.3.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/molecule-man/go-brrr v1.3.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)
